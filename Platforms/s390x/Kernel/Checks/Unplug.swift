struct UnplugCheck { func run() throws(Failure) -> Bool { throw .stuck } }
