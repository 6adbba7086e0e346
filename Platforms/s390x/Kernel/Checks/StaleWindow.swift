struct StaleWindowCheck { func run() throws(Failure) -> Bool { throw .stuck } }
