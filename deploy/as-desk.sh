#!/bin/sh
# `flask` on a server: as the desk's user, with the desk's settings, from the project's folder. Run it as root:
#   /opt/hotline/deploy/as-desk.sh staff list
# The settings are lines NAME=value without quotes, as systemd reads them too; nothing in them is evaluated.
set -eu

settings=${HOTLINE_SETTINGS:-/etc/hotline/desk.env}
cd "$(dirname "$0")/.."
while IFS= read -r line; do
    case $line in
    HOTLINE_*=*) export "${line%%=*}=${line#*=}" ;;
    esac
done <"$settings"
umask 0007
exec runuser -u hotline -- .venv/bin/flask "$@"
