"""The paper that tables and forms are written on: columns, cells, workbooks."""
