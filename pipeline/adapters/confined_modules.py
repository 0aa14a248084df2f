"""What the server of confined children imports once, so that each fork starts warm."""

import cv2
import numpy
import pikepdf
import PIL.Image
import pypdfium2
import pytesseract
import zxingcpp

__all__ = ["PIL", "cv2", "numpy", "pikepdf", "pypdfium2", "pytesseract", "zxingcpp"]
