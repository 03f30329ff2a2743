"""Where the verifier comes from: drawn pictures with exact truth, and the command that grows a forest from them.

Nothing here runs in the hub. No photograph is used.
"""
