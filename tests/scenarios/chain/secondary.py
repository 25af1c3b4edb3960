#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A secondary installer in Python that dies after registering.   secondary.py LIBRARY FILE"""

import ctypes
import os
import signal
import sys

library, file = sys.argv[1:]
rm = ctypes.CDLL(library)
handle = ctypes.c_uint32()
if rm.rm_join_session(ctypes.byref(handle), os.environ["ENTRACTE_SESSION_KEY"].encode()):
    sys.exit("cannot join")
files = (ctypes.c_char_p * 1)(file.encode())
if rm.rm_register_resources(handle, 1, files, 0, None, 0, None):
    sys.exit("cannot register")
os.kill(os.getpid(), signal.SIGKILL)
