# A mail server to look at: it takes every mail, delivers none, and shows them in the browser.

need_mail() { npm_install deploy/local/mail "$CACHE/mail" "install the mail sink" --ignore-scripts; }

# mail_start FOLDER LOGFILE: sets MAIL_PAGE and MAIL_SMTP. Mails are kept in FOLDER.
mail_start() {
  local page smtp
  free_port 1080 && page=$PORT
  free_port 1025 && smtp=$PORT
  MAIL_PAGE=http://127.0.0.1:$page MAIL_SMTP=smtp://127.0.0.1:$smtp
  mkdir -p "$1"
  start mail "$2" node "$CACHE/mail/node_modules/maildev/bin/maildev" --ip 127.0.0.1 --smtp "$smtp" \
    --web-ip 127.0.0.1 --web "$page" --mail-directory "$1"
  wait_until 30 mail curl -fsS -o /dev/null "$MAIL_PAGE/healthz" || {
    tail -n 20 "$2" >&2
    die "the mail sink did not start; the end of $2 is above"
  }
}

mail_stop() { stop mail TERM 5; }
