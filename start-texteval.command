#!/bin/bash
# Double-click this file on a Mac: texteval opens in your browser. The first start takes a minute or two.
# To stop it, press Control-C in this window, or close the window.

finish() {
  [ -n "$1" ] && printf 'texteval: %s\n' "$1"
  printf '\nPress Return to close this window. '
  read -r _
  exit 1
}

case $0 in */*) cd -- "${0%/*}" || finish "the folder of this file cannot be opened." ;; esac
[ -f run.py ] || finish "run.py is missing beside this file. Open the whole texteval folder, and start it there."

found=
for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
  path=$(command -v "$name") || continue
  # Without Apple's developer tools this one only opens a window that offers to install them.
  [ "$path" = /usr/bin/python3 ] && command -v xcode-select >/dev/null && ! xcode-select -p >/dev/null 2>&1 && continue
  "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && found=$path && break
done
[ -n "$found" ] || finish "Python 3.11 or newer is needed, and was not found. Get it from https://www.python.org/downloads/, install it, then open this file again."

"$found" run.py app
code=$?
[ $code -eq 0 ] || [ $code -eq 130 ] || finish "it stopped; the reason stands above."
