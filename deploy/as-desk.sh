#!/bin/sh
# `flask` on a server: as the desk's user, with the desk's settings, from the project's folder. Run it as root:
#   /opt/hotline/deploy/as-desk.sh staff list
# The settings are lines NAME=value without quotes, as systemd reads them too; nothing in them is evaluated.
# Paths begin at the root, in them and behind the command: it runs in another folder than yours.
set -eu

settings=${HOTLINE_SETTINGS:-/etc/hotline/desk.env}
cd "$(dirname "$0")/.."
while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[![:blank:]]*}"}
    value=${line#*=}
    value=${value#"${value%%[![:blank:]]*}"}
    value=${value%"${value##*[![:blank:]]}"}
    case $line in
    HOTLINE_*=*) export "${line%%=*}=$value" ;;
    esac
done <"$settings"
umask 0007
exec runuser -u hotline -- .venv/bin/flask "$@"
