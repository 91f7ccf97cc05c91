"""The compiled kernels: everything that is done to each event, on integers only.

Every kernel has a plain NumPy judge, :mod:`sousveil.engine.sampled.judge`, which it equals to the
bit. The compiler's cache watches only the file of the kernel that is called: after an edit of
`philox.py`, touch the others.
"""
