#!/usr/bin/env bash
# The pictures of README and docs, made anew from a demo: what it prints, a page of a batch, the papers of that batch.
# The manifest is that of the municipality with the most letters in the batch; of several, the first by id.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

root=var/pictures
pictures=docs/pictures
mkdir -p "$pictures"
poststrasse --root "$root" --quiet demo 2>/dev/null | tee "$pictures/make-demo.txt"

batch=$(poststrasse --root "$root" batches list --json | python -c '
import json, sys
batches = json.load(sys.stdin)
print(next(b["id"] for b in batches if b["machine"] == "neopost-1track" and b["form"] == "B" and b["plex"] == "simplex"))')
folder=$root/printcenter/batches/$batch
municipality=$(python - "$folder/batch.json" <<'PY'
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))["municipalities"]
print(min(told, key=lambda id: (-told[id]["pieces"], id)))
PY
)
first_page() { pdftoppm -r 80 -png -f 1 -l 1 -singlefile "$1" "$pictures/$2"; }
first_page "$folder/$batch-v01.pdf" batch-page
first_page "$folder/job-ticket.pdf" job-ticket
first_page "$folder/delivery-list.pdf" delivery-list
first_page "$folder/manifests/$municipality.pdf" manifest
python - "$pictures/make-demo.txt" "$pictures/make-demo.png" <<'PY'
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

text = Path(sys.argv[1]).read_text(encoding="utf-8").rstrip().splitlines()
face = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
font = ImageFont.truetype(face, 15) if Path(face).exists() else ImageFont.load_default(15)
wide = max(font.getlength(line) for line in text)
picture = Image.new("RGB", (int(wide) + 40, 21 * len(text) + 40), "#14181c")
draw = ImageDraw.Draw(picture)
for number, line in enumerate(text):
    draw.text((20, 20 + 21 * number), line, font=font, fill="#e6e6e6")
picture.quantize(16).save(sys.argv[2], optimize=True)
PY
