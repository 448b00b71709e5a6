#!/usr/bin/env bash
# Scores of Lighthouse for five pages of the demonstration archive, on a phone and on a desktop.
#
#     scripts/lighthouse.sh                      # everything in a temporary folder
#     scripts/lighthouse.sh http://127.0.0.1:8000  # a site that runs already
#
# Needs node, npm and a Chromium (CHROME_PATH names it if it is not the usual one). Run it while the
# machine has nothing else to do: the score of performance is of a clock.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-.venv/bin/python}
PORT=${PORT:-8399}
export CHROME_PATH=${CHROME_PATH:-$(command -v chromium || command -v google-chrome)}
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

# 13 is the first for node 22, 12 the last for node 20. What its packages' install steps fetch is not needed.
major=$(node -p 'process.versions.node.split(".")[0]')
PUPPETEER_SKIP_DOWNLOAD=1 npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund \
  --loglevel=error "lighthouse@$([ "$major" -ge 22 ] && echo 13 || echo 12)" >&2

base=${1:-}
if [ -z "$base" ]; then
  base=http://127.0.0.1:$PORT
  export VAR_DIR=$folder/var PORT SERVED_AT=$base DEBUG=off
  mkdir "$VAR_DIR"
  "$PYTHON" manage.py migrate --verbosity 0 >&2
  "$PYTHON" manage.py seed_demo --verbosity 0 >&2
  "$PYTHON" manage.py serve >"$folder/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 120); do
    curl --silent --fail --output /dev/null "$base/readyz" && break
    sleep 1
  done
fi
base=${base%/}

first() { # the first address in the HTML of $1 that begins with $2
  curl --silent --fail "$base$1" | grep --only-matching "href=\"$2[a-z0-9-]*/\"" | head -1 | cut -d'"' -f2
}
session=$(first "/sessions/?has=recording" /sessions/)
pages=(/ /sessions/ "$session" "$(first "$session" /speakers/)" /insights/)

look() { # address, preset: the report of one page
  "$folder/node_modules/.bin/lighthouse" "$1" --quiet --output=json --output-path="$folder/report.json" \
    $([ "$2" = desktop ] && echo --preset=desktop) --no-enable-error-reporting \
    --only-categories=performance,accessibility,best-practices,seo \
    --chrome-flags="--headless=new --no-sandbox --disable-gpu --user-data-dir=$folder/profile" \
    >"$folder/lighthouse.log" 2>&1
}

printf '%-9s %-60s %s\n' preset page 'performance accessibility best-practices seo'
for preset in mobile desktop; do
  for page in "${pages[@]}"; do
    curl --silent --output /dev/null "$base$page" # as a reader finds it: kept since somebody asked for it
    # A trace that Chromium did not record in full is taken once more.
    look "$base$page" "$preset" || look "$base$page" "$preset" || { cat "$folder/lighthouse.log" >&2; exit 1; }
    node -e '
      const [report, preset, page] = process.argv.slice(1);
      const { categories, audits } = JSON.parse(require("fs").readFileSync(report));
      const names = ["performance", "accessibility", "best-practices", "seo"];
      const scores = names.map((name) => String(Math.round(100 * categories[name].score)).padStart(name.length));
      console.log(preset.padEnd(9), page.padEnd(60), scores.join(" "));
      for (const name of names.slice(1)) {
        for (const { id, weight } of categories[name].auditRefs) {
          const { score, title } = audits[id];
          if (weight > 0 && score !== null && score < 1) console.log(`  ${name}: ${title}`);
        }
      }' "$folder/report.json" "$preset" "$page"
  done
done
