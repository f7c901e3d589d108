import Foundation

/// The processes that ran or wanted to during the last minute, on average: 0 on a machine that is fit for measuring.
func loadAverage() -> Double? {
  var average = 0.0
  return getloadavg(&average, 1) == 1 ? average : nil
}
