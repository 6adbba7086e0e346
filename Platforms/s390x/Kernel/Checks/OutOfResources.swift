struct OutOfResourcesCheck { func run() throws(Failure) -> Bool { throw .stuck } }
