"""pools and cut-off: what parts pools, due days, priorities, the machine of a batch, numbers per product"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pieces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("product_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("due", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("confidentiality", sa.String(length=16), nullable=False, server_default="normal"))
        batch_op.add_column(sa.Column("kept_apart", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("fixed_enclosures", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enclosures", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("confidentiality", sa.String(length=16), nullable=False, server_default="normal"))
        batch_op.add_column(sa.Column("kept_apart", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("due", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("machine_profile", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("volumes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("separator_pages", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("trailer_pages", sa.Integer(), nullable=False, server_default="0"))
    # Batches of before had no numbers per product: counted here, so that their pieces can be read.
    op.execute(
        "UPDATE pieces SET product_number = counted.n FROM (SELECT id, row_number() OVER (PARTITION BY batch, product "
        "ORDER BY number) AS n FROM pieces WHERE batch IS NOT NULL) AS counted WHERE counted.id = pieces.id"
    )
