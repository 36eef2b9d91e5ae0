# Sourced. Puts the clients of requirements.txt and package.json into the cache, outside the clone, and
# sets AISHA_PYTHON (an interpreter that has them) and AISHA_NODE_DIR (a folder with node_modules).

aisha_prepare() {
    local here cache key
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || return
    cache=${AISHA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/aisha}
    key=$( (cat "$here/requirements.txt" && python3 -VV && printf '%s' "$cache") | cksum | tr -d ' ') || return
    local venv=$cache/python-$key
    key=$( (cat "$here/package-lock.json" && node --version) | cksum | tr -d ' ') || return
    local packages=$cache/node-$key
    # A folder without its mark was not finished.
    if [ ! -e "$venv/.complete" ]; then
        echo "Installing the Python clients into $venv"
        rm -rf "$venv"
        mkdir -p "$cache" && python3 -m venv "$venv" &&
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$here/requirements.txt" &&
            touch "$venv/.complete" || return
    fi
    if [ ! -e "$packages/.complete" ]; then
        echo "Installing the Node clients into $packages"
        rm -rf "$packages"
        mkdir -p "$packages" && cp "$here/package.json" "$here/package-lock.json" "$packages/" &&
            (cd "$packages" && npm ci --silent --ignore-scripts --no-audit --no-fund) &&
            touch "$packages/.complete" || return
    fi
    export AISHA_PYTHON=$venv/bin/python AISHA_NODE_DIR=$packages
}
