struct SharedDomainCheck { func run() throws(Failure) -> Bool { throw .stuck } }
