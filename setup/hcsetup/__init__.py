"""From a bare Debian to a running Odoo 19 with our addons, in one command.

How the parts hang together
---------------------------
``cli``          parses the command and calls the parts below in order
``odoo_source``  Odoo 19 itself, from Debian's archive (or ``ODOO_HOME``)
``venv``         the Python packages Odoo, its tests and our addons need
``postgres``     the embedded PostgreSQL server (or the user's, by ``PGHOST``)
``databases``    templates with demo data, copied in a second per run
``serve``        ``setup/run``;  ``testing``  ``setup/test``;  ``lint``  ``setup/lint``
``console``, ``locks``, ``paths``, ``system``  small helpers of all of them

A command runs twice: first under the machine's own Python with nothing but the
standard library, to prepare Odoo and the venv; then again inside that venv.

Everything made is kept in one cache folder outside the tree and is either
complete (a marker says so) or made again, so that any step may be killed.
"""
