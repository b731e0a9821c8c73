#!/bin/sh
# Finds a Python that Odoo 19 accepts (3.10 to 3.13) and hands over to the
# Python package beside this file.
here=$(dirname -- "$(readlink -f -- "$0")")
for python in "${HC_PYTHON:-python3}" python3.13 python3.12 python3.11 python3.10; do
    if "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
    then
        PYTHONPATH=$(dirname -- "$here") exec "$python" -m hcsetup "$@"
    fi
done
echo "setup: no Python 3.10 to 3.13 found, which Odoo 19 needs." >&2
echo "  Debian 12 or 13:  apt-get install python3 python3-venv" >&2
echo "  or name one:      HC_PYTHON=/path/to/python3.11 setup/run" >&2
exit 1
