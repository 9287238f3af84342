# PDFs: WeasyPrint, which makes them, and veraPDF, which judges them.

VERAPDF_VERSION=1.28.2

# need_pdf: WeasyPrint, which makes PDFs, in a Python environment of its own in the cache folder, as
# pdf/requirements.txt pins it. Names its Python in FOSTERWATCH_PDF_PYTHON.
need_pdf() {
  local folder=$CACHE/pdf requirements=deploy/local/pdf/requirements.txt mark
  mark=$(cat "$requirements" <(/usr/bin/python3 --version) | sha256sum)
  export FOSTERWATCH_PDF_PYTHON=$folder/bin/python
  [[ $(cat "$folder/.fosterwatch" 2>/dev/null) == "$mark" ]] && return
  need_space "$(dirname "$folder")" 200 "fetching WeasyPrint"
  rm -rf "$folder"
  step "fetch WeasyPrint" "$LOG/pdf.log" install_pdf "$folder" "$requirements" ||
    die "WeasyPrint could not be installed as $requirements pins it" \
      "is the Python package index reachable? the log has pip's own words: $LOG/pdf.log"
  echo "$mark" >"$folder/.fosterwatch"
}

install_pdf() {
  /usr/bin/python3 -m venv "$1" &&
    "$1/bin/pip" install --disable-pip-version-check --no-cache-dir --require-hashes --only-binary :all: -r "$2"
}

# --- ./dev test pdf -------------------------------------------------------------------------------

# need_verapdf: the published artifacts in the cache, each with the checksum that is committed here.
need_verapdf() {
  VERAPDF_LIBS=$CACHE/verapdf-$VERAPDF_VERSION
  verapdf_verify && return
  need_space "$CACHE" 100 "fetching veraPDF"
  rm -rf "$VERAPDF_LIBS"
  step "fetch veraPDF $VERAPDF_VERSION" "$LOG/verapdf-fetch.log" verapdf_fetch ||
    die "veraPDF could not be fetched from the Maven repository" \
      "can mvn reach the Maven repository, or the mirror in ~/.m2/settings.xml?"
  verapdf_verify ||
    die "what was fetched as veraPDF $VERAPDF_VERSION is not what deploy/local/pdf/checksums.sha256 pins" \
      "nothing of it was run; it lies in $VERAPDF_LIBS"
}

verapdf_fetch() {
  local code=0
  mvn -B -f deploy/local/pdf/pom.xml -Dmaven.repo.local="$VERAPDF_LIBS.m2" -DincludeScope=runtime \
    -DoutputDirectory="$VERAPDF_LIBS" dependency:copy-dependencies || code=$?
  rm -rf "$VERAPDF_LIBS.m2" deploy/local/pdf/target
  return $code
}

verapdf_verify() (
  pinned=$ROOT/deploy/local/pdf/checksums.sha256
  cd "$VERAPDF_LIBS" 2>/dev/null && grep -v '^#' "$pinned" | sha256sum --check --strict --quiet 2>/dev/null &&
    diff <(ls) <(grep -v '^#' "$pinned" | sed 's/^[^ ]*  //' | LC_ALL=C sort) >/dev/null
)

# The documents of the demonstration agency, made by the client of a running suite.
test_pdf() {
  local file passed=0 failed=0 folder=$SCRATCH/documents month
  # The last one that is over, in London.
  month=$(TZ=Europe/London date --date="$(TZ=Europe/London date +%Y-%m-15) last month" +%Y-%m)
  # Of it Java and Maven.
  need_packages kafka
  need_verapdf
  mkdir -p "$folder"
  if stories_start && (
    source "$SCRATCH/suite/environment"
    "$BIN/fosterwatch" complaint statement --format pdf --output "$folder/complaints-statement.pdf" &&
      "$BIN/fosterwatch" pack inspection --output "$folder" &&
      "$BIN/fosterwatch" kpi edition freeze "$month" --set fostering >/dev/null &&
      "$BIN/fosterwatch" pack board "fostering-$month-1" --output "$folder"
  ); then
    for file in "$folder"/*.pdf; do
      if java -cp "$VERAPDF_LIBS/*" org.verapdf.apps.GreenfieldCliWrapper -f ua1 --format text -v "$file"; then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
      fi
    done
  else
    tail -n 30 "$SCRATCH/suite.log"
    failed=2
  fi
  stories_stop
  count $passed $failed 0 0
}
