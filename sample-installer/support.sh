# SPDX-License-Identifier: MIT
# Sourced by sample-installer/run, tests/run and tests/support/with-display: what they share.
# shellcheck shell=bash disable=SC2034

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

build_packages=(g++ cmake ninja-build pkg-config qt6-base-dev qt6-tools-dev qt6-tools-dev-tools
  qt6-l10n-tools qt6-svg-dev qt6-translations-l10n libqt6svg6 libquazip1-qt6-dev libgl-dev
  libxcb1-dev libxcb-res0-dev zlib1g-dev libisal-dev libdeflate-dev libgcrypt20-dev)
play_packages=(xvfb openbox xdotool dbus dbus-x11 at-spi2-core gir1.2-atspi-2.0 python3 python3-gi
  imagemagick x11-utils x11-xserver-utils xauth fonts-dejavu-core adwaita-icon-theme libgl1-mesa-dri)

# install_missing PACKAGE… : one dpkg look when everything is there, apt-get when not.
install_missing()
{
  local missing=() package known
  known=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$known" || missing+=("$package")
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
  cmake --build "build/$preset" ${1:+--target "$@"} </dev/null
}

# start_desktop DIRECTORY : an X server of our own with a window manager, a session bus and the
# accessibility bus, and with a home and a runtime directory inside DIRECTORY. stop_desktop ends it.
desktop_pids=()
start_desktop()
{
  local directory=$1 answer
  export HOME=$directory/home XDG_RUNTIME_DIR=$directory/runtime
  mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
  chmod 700 "$XDG_RUNTIME_DIR"
  unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME WAYLAND_DISPLAY SESSION_MANAGER
  export LC_ALL=C.UTF-8
  unset LANGUAGE AT_SPI_BUS_ADDRESS XAUTHORITY XDG_SESSION_ID XDG_SESSION_TYPE QT_QPA_PLATFORM

  answer=$directory/display
  : >"$answer"
  Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$answer" >"$directory/xvfb.log" 2>&1 &
  desktop_pids+=($!)
  wait_for_line "$answer" || die "Xvfb did not start: $(cat "$directory/xvfb.log")"
  DISPLAY=:$(cat "$answer")
  export DISPLAY

  answer=$directory/bus
  : >"$answer"
  dbus-daemon --session --nofork --nopidfile --print-address=3 3>"$answer" >"$directory/bus.log" 2>&1 &
  desktop_pids+=($!)
  wait_for_line "$answer" || die "the session bus did not start: $(cat "$directory/bus.log")"
  DBUS_SESSION_BUS_ADDRESS=$(cat "$answer")
  export DBUS_SESSION_BUS_ADDRESS

  export QT_ACCESSIBILITY=1 QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 QT_QPA_PLATFORM=xcb
  /usr/libexec/at-spi-bus-launcher --launch-immediately >"$directory/at-spi.log" 2>&1 &
  desktop_pids+=($!)
  openbox --sm-disable >"$directory/openbox.log" 2>&1 &
  desktop_pids+=($!)
  xsetroot -solid '#33475B'
  wait_until window_manager_runs || die "openbox did not start: $(cat "$directory/openbox.log")"
}

stop_desktop()
{
  local pid
  for pid in "${desktop_pids[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  desktop_pids=()
}

window_manager_runs() { xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id'; }

wait_for_line() { wait_until test -s "$1"; }

# wait_until COMMAND… : at most twenty seconds.
wait_until()
{
  local try
  for ((try = 0; try < 400; ++try)); do
    if "$@"; then
      return 0
    fi
    sleep 0.05
  done
  return 1
}
