# SPDX-License-Identifier: GPL-2.0
#
# conf.py - how sphinx builds these documents; "make docs" does it

project = "tcpfsm"
copyright = "the authors of tcpfsm, GPL-2.0"
root_doc = "index"
exclude_patterns = ["build", "man"]
highlight_language = "none"
html_show_sphinx = False
