# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # what setup and lib.sh have set, and what setup takes
# setup-archive.sh - where Debian's packages come from; sourced by setup
#
# The archives are those that this machine's own apt is configured with. Another release of
# Debian is taken from the same archives by its name. TCPFSM_MIRROR, TCPFSM_SECURITY_MIRROR
# and TCPFSM_POOL override what apt says.

# apt_archive RELEASE - the address of the archive that apt takes this release from; nothing
# if apt is not configured with it
apt_archive()
{
	# shellcheck disable=SC2016 # for apt to expand
	apt-get indextargets --format '$(RELEASE) $(CODENAME) $(COMPONENT) $(SITE)' \
		'Created-By: Packages' | awk -v release="$1" \
		'($1 == release || $2 == release) && $3 == "main" { print $4; exit }'
}

# find_archives - set mirror, security_mirror and pool
find_archives()
{
	mirror=${TCPFSM_MIRROR:-$(apt_archive "$home_suite")}
	[[ -n $mirror ]] || die "apt has no source for Debian $home_suite; add one, or set TCPFSM_MIRROR"
	security_mirror=${TCPFSM_SECURITY_MIRROR:-$(apt_archive "$home_suite-security")}
	# Without one configured, archives that have both keep them side by side.
	security_mirror=${security_mirror:-${mirror%/}-security}
	# Packages that apt's lists no longer name. No signed list vouches for them, so by https.
	pool=${TCPFSM_POOL:-${mirror/#http:/https:}/pool/main/l/linux}
}
