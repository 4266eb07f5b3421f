"""HAProxy, driven through its runtime socket and never reloaded.

One static configuration (`base.cfg`) holds a pool of empty backends, the slots, and a map from host names to slots. A
release's instances are servers of its slot, named `<release>.<instance>`; a switch is one `set map`. The two files
HAProxy starts from are at the same time what this package remembers: `haproxy.cfg` holds the servers, `hosts.map` the
hosts. Each change touches one of them, so that there is no moment at which a restarted HAProxy would find half of it.
"""

from releases.proxy.haproxy.config import Parameters
from releases.proxy.haproxy.files import Files
from releases.proxy.haproxy.proxy import HAProxy

__all__ = ["Files", "HAProxy", "Parameters"]
