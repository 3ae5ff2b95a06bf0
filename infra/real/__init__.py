"""The real Apache Kafka, Neo4j, MinIO and OPA without containers, for tests: fetched once, started on free ports."""
