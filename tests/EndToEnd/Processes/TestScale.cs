using System.Globalization;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>How much of a heavy test runs: all of it in CI, less on a user's machine, more by hand.</summary>
internal static class TestScale
{
    /// <summary>A count at <c>TEST_SCALE</c>, not less than a minimum.</summary>
    public static int Of(int count, int minimum)
    {
        var scale =
            Environment.GetEnvironmentVariable("TEST_SCALE") is { Length: > 0 } text
                ? double.Parse(text, CultureInfo.InvariantCulture)
            : Environment.GetEnvironmentVariable("CI") == "true" ? 1
            : 0.2;
        return Math.Max(minimum, (int)Math.Round(count * scale));
    }
}
