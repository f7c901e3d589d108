@testable import Text
