# Make a virtual environment: sh make_venv.sh FOLDER [PYTHON]
#
# Takes the first Python from 3.11 to 3.14 that can make one, and says what to install if there is
# none. An environment that works is left as it is; one that does not (its Python was updated away,
# or making it was broken off) is made again.
set -eu
folder=$1
wanted=${2:-}

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

if [ -x "$folder/bin/python" ] && fits "$folder/bin/python" \
    && "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

without_venv=""
for python in ${wanted:-python3 python3.11 python3.12 python3.13 python3.14}; do
    command -v "$python" >/dev/null 2>&1 && fits "$python" || continue
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "Making the virtual environment with $("$python" --version) …"
        exec "$python" -m venv --clear "$folder"
    fi
    [ -n "$without_venv" ] || without_venv=$python
done

if [ -n "$without_venv" ]; then
    version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $version lacks venv or ensurepip. On Debian or Ubuntu: sudo apt-get install python$version-venv" >&2
elif [ -n "$wanted" ]; then
    echo "$wanted is no Python from 3.11 to 3.14." >&2
else
    echo "Python 3.11 to 3.14 is needed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2
fi
exit 1
