using System.Globalization;
using System.Text;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Two blocks of two hours, not long ago, that Prometheus' own tool makes.</summary>
internal static class PrometheusBlocks
{
    public const int SeriesCount = 10;
    public const int WindowSeconds = 2 * 3600;
    private const int StepSeconds = 60;

    /// <summary>When the first one may begin.</summary>
    public static long Start() =>
        (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / WindowSeconds * WindowSeconds) - (8 * WindowSeconds);

    /// <summary>Makes them, of series <c>x{n="0"}</c> and so on.</summary>
    /// <param name="folder">For temporary files.</param>
    /// <param name="data">Where the blocks go.</param>
    /// <param name="start">When the first one begins, in seconds.</param>
    public static async Task MakeAsync(TemporaryFolder folder, string data, long start)
    {
        var text = new StringBuilder("# TYPE x gauge\n");
        for (var n = 0; n < SeriesCount; n++)
        {
            for (var time = start; time < start + (2 * WindowSeconds); time += StepSeconds)
            {
                text.Append(CultureInfo.InvariantCulture, $"x{{n=\"{n}\"}} {time % 977 / 8.0} {time}\n");
            }
        }
        text.Append("# EOF\n");
        var promtool = Requirement.Program("promtool", "prometheus");
        string[] arguments = ["tsdb", "create-blocks-from", "openmetrics", folder.Write("x.om", text.ToString()), data];
        var (code, _, errors) = await ChildProcess.RunAsync(promtool, arguments, folder.Path);
        Assert.True(code == 0, errors);
    }
}
