# SPDX-License-Identifier: MIT
# Sourced by sample-installer/run and tests/run: what both do before they start.

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

build_packages=(g++ cmake ninja-build pkg-config qt6-base-dev qt6-tools-dev qt6-tools-dev-tools
  qt6-l10n-tools qt6-svg-dev qt6-translations-l10n libqt6svg6 libquazip1-qt6-dev libgl-dev
  libxcb1-dev libxcb-res0-dev zlib1g-dev)
play_packages=(xvfb openbox xdotool dbus dbus-x11 at-spi2-core gir1.2-atspi-2.0 python3 python3-gi
  imagemagick x11-utils xauth fonts-dejavu-core adwaita-icon-theme libgl1-mesa-dri)

# install_missing PACKAGE… : one dpkg look when everything is there, apt-get when not.
install_missing()
{
  local missing=() package known
  known=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx "$package installed" <<<"$known" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get to install them: ${missing[*]}"

  say "Installing ${#missing[@]} packages: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "installing packages needs root or sudo; install these and try again: ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build PRESET [TARGET…] : configures once, then builds what changed.
build()
{
  local preset=$1; shift
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache)
  fi
  say "Building (preset $preset)"
  if [ ! -e "build/$preset/build.ninja" ]; then
    cmake --preset "$preset" "${launcher[@]}"
  fi
  cmake --build "build/$preset" ${1:+--target "$@"}
}
