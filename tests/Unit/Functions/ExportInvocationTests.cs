using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Functions.Serving;

namespace Tributary.Tests.Unit.Functions;

public sealed class ExportInvocationTests
{
    private const string Config = """
        scrape_configs: []
        tributary:
          exports:
          - {name: e, interval: 1m, query: 'vector(1)', destination: 'exports/{name}/{date}/{time}.csv'}
        """;

    [Fact]
    public async Task Run_WritesWhatIsDueOnce()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.WriteConfigAsync(Config);
        Assert.Equal(Text(0), await ExportAsync(place));
        place.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Text(2), await ExportAsync(place));
        Assert.Equal(Text(0), await ExportAsync(place));
        var name = place.Blobs.Calls.Last(call =>
            call.StartsWith("write exports/e/", StringComparison.Ordinal)
            && call.EndsWith(".csv", StringComparison.Ordinal)
        )["write ".Length..];
        var bytes = new byte[1000];
        var length = await place.Blobs.ReadAsync(name, 0, bytes, null, TestContext.Current.CancellationToken);
        Assert.Matches("^timestamp,value\n[^,]+:00.000Z,1\n$", Encoding.UTF8.GetString(bytes, 0, length));
    }

    [Fact]
    public async Task Run_OfAQueryThatFails_FailsAndSaysWhy()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.WriteConfigAsync(
            Config.Replace(
                "vector(1)",
                "label_replace(vector(1), \"a\", \"b\", \"c\", \"(\")",
                StringComparison.Ordinal
            )
        );
        await ExportAsync(place);
        place.Time.Advance(TimeSpan.FromMinutes(1));
        var outcome = await ExportAsync(place);
        Assert.True(outcome.HasFailed);
        Assert.Contains("e: the query has no answer", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutExports_SaysSo()
    {
        await using var place = await FunctionsPlace.StartAsync();
        Assert.Equal(new JobOutcome(HasFailed: false, "no exports are configured"), await ExportAsync(place));
    }

    private static JobOutcome Text(int written) =>
        new(HasFailed: false, $"{written} outputs written, 0 wait for data, 0 run elsewhere, 0 removed");

    private static async Task<JobOutcome> ExportAsync(FunctionsPlace place)
    {
        var (collector, _, fresh) = place.Start();
        var invocation = new ExportInvocation(
            collector,
            new Exporting(collector.Exports, collector.RefreshLedgerAsync, NullLogger.Instance),
            fresh,
            new JobRunner(collector.Failures, NullLogger.Instance),
            TimeSpan.FromMinutes(4),
            place.Time
        );
        return await invocation.RunAsync();
    }
}
