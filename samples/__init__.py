"""Simulated post of thirteen municipalities: letters to print, paper that was scanned, and the truth about both.

The generator stands alone: it imports nothing of the line that reads its files. Same set, same seed, same bytes.
"""
