#!/bin/sh
# Installs what the tests need beside Python packages (openssl, gpg, a browser, PostgreSQL, Dovecot, Postfix, Khmer fonts)
# where it can; otherwise says what is missing and the command that installs it. Never stops the tests: they say what they lack.
set -eu

missing=""
want() { missing="$missing $1"; }

command -v openssl >/dev/null 2>&1 || want openssl
command -v gpg >/dev/null 2>&1 || want gnupg
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || want chromium-headless-shell
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || want postgresql
command -v dovecot >/dev/null 2>&1 || want dovecot-imapd
[ -x /usr/lib/postfix/sbin/master ] || want postfix
[ -d /usr/share/fonts/truetype/khmeros ] || want fonts-khmeros
[ -d /usr/share/fonts/truetype/noto ] || want fonts-noto-core
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
fi
# shellcheck disable=SC2086 # both are lists of words
install() {
    $as_root apt-get update -qq &&
        no_mail_server_of_this_machine &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Debian would start a Postfix that takes mail for this machine; the tests start their own in a folder of its own.
# shellcheck disable=SC2086
no_mail_server_of_this_machine() {
    case "$missing" in *postfix*) ;; *) return 0 ;; esac
    echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections
}

if command -v apt-get >/dev/null 2>&1 && { [ -z "$as_root" ] || sudo -n true 2>/dev/null; }; then
    echo "Installing for the tests:$missing"
    install && exit 0
fi
echo "Missing for the tests:$missing. Install with: sudo apt-get install --no-install-recommends$missing" >&2
