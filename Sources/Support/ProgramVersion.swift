/// The version of Capstan, as `capstan --version` prints it.
public let programVersion = "0.1.0"
