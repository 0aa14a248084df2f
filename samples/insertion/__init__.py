"""An insertion machine on paper: knows a machine's profile and the pages of a batch, and shares no code with the line.

What the line writes and reads back is one opinion; this is another. Nothing here imports `pipeline`.
"""
