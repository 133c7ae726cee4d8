"""Reports: a table and a chart as PDF, XLSX or CSV, stored in the bucket, handed out by links."""
