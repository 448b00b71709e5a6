#!/bin/sh
# Ask a running site for the audio of an open recording as curl, ffmpeg and mpv do, and compare
# what comes with the file: scripts/range_conformance.sh ADDRESS/audio FILE
# Needs curl 7.84 or later; ffmpeg and mpv are asked where they are installed.
set -eu
url=$1 file=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
size=$(wc -c < "$file")
middle=$((size / 2))
failed=0

say() { # name, expected, found
    if [ "$2" = "$3" ]; then echo "ok      $1: $3"; else echo "FAILED  $1: $3, not $2"; failed=1; fi
}
ask() { curl -s -o "$folder/got" -w '%{http_code} %{size_download}' "$@" "$url"; }
same() { if cmp -s "$folder/got" "$folder/want"; then echo same; else echo other; fi; }

say "the whole" "200 $size" "$(ask)"
cp "$file" "$folder/want"; say "its bytes" same "$(same)"
say "from the middle on" "206 $((size - middle))" "$(ask -r "$middle-")"
tail -c "+$((middle + 1))" "$file" > "$folder/want"; say "its bytes" same "$(same)"
say "the first byte" "206 1" "$(ask -r 0-0)"
say "the last 500" "206 500" "$(ask -r -500)"
tail -c 500 "$file" > "$folder/want"; say "its bytes" same "$(same)"
say "beyond the end" "416" "$(curl -s -o /dev/null -w '%{http_code}' -r "$size-" "$url")"
say "and how long it is" "bytes */$size" "$(curl -s -o /dev/null -w '%header{content-range}' -r "$size-" "$url")"
say "several ranges" "200 $size" "$(ask -r 0-1,5-9,100-)"
etag=$(curl -s -o /dev/null -w '%header{etag}' -r 0-0 "$url")
modified=$(curl -s -o /dev/null -w '%header{last-modified}' -r 0-0 "$url")
say "If-Range, unchanged" "206 10" "$(ask -r 0-9 -H "If-Range: $etag")"
say "If-Range, its date" "206 10" "$(ask -r 0-9 -H "If-Range: $modified")"
say "If-Range, changed" "200 $size" "$(ask -r 0-9 -H 'If-Range: "another"')"
say "If-None-Match" "304 0" "$(ask -H "If-None-Match: $etag")"
say "HEAD" "200 $size" "$(curl -sI -o /dev/null -w '%{http_code} %header{content-length}' "$url")"
head -c "$middle" "$file" > "$folder/resumed"
curl -s -C - -o "$folder/resumed" "$url"
say "a download resumed" same "$(if cmp -s "$folder/resumed" "$file"; then echo same; else echo other; fi)"
many=$(awk 'BEGIN { for (n = 0; n < 1200; n++) printf "%s0-", n ? "," : "" }')
say "1,200 overlapping ranges" "200 $size" "$(ask -r "$many")"

if command -v ffmpeg > /dev/null; then
    seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$file")
    say "ffprobe, length" "$seconds" "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$url")"
    start=$(awk "BEGIN { print int($seconds / 2) }")
    for from in "$file" "$url"; do
        ffmpeg -v error -ss "$start" -i "$from" -t 3 -f s16le - | sha256sum
    done > "$folder/sums"
    say "ffmpeg, 3 s from $start s" 1 "$(sort -u "$folder/sums" | wc -l)"
else echo "skipped ffmpeg: not installed"; fi
if command -v mpv > /dev/null; then
    # The seconds are written as samples, so that what mpv played can be compared.
    for from in "$file" "$url"; do
        mpv --no-config --no-video --really-quiet --start=50% --length=3 \
            --ao=pcm --ao-pcm-waveheader=no --ao-pcm-file="$folder/pcm" "$from"
        sha256sum < "$folder/pcm"
    done > "$folder/sums"
    say "mpv, 3 s from the middle" 1 "$(sort -u "$folder/sums" | wc -l)"
else echo "skipped mpv: not installed"; fi
exit $failed
