using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Api;

/// <summary><c>/api/v1/status/sources</c>, <c>/api/v1/status/gaps</c> and <c>tributary gaps</c>, text for text.</summary>
public sealed class SourceStatusTests
{
    private const long NoonMs = 1_790_000_000_000;

    private static readonly SourceGaps Gaps = new SourceGaps("eu/a:9090/0")
        .With(new SourceGap(NoonMs, NoonMs + 60_000, GapState.Filled, "nobody collected then"))
        .With(new SourceGap(NoonMs + 120_000, NoonMs + 180_500, GapState.GivenUp, "refused", "too old"))
        .With(new SourceGap(NoonMs + 240_000, NoonMs + 300_000, GapState.Open, "refused")) with
    {
        Dropped = 7,
    };

    [Fact]
    public void Sources_AreWrittenWithTheirStateAndWithoutSecrets()
    {
        var status = new SourceStatus
        {
            Memory = new SourceMemory("eu/a:9090/0")
            {
                LastTickMs = NoonMs + 400_000,
                LastVerdict = Verdict.Partial,
                LastError = "cut",
                CompleteUntilMs = NoonMs + 300_000,
                ConstantLabels = LabelSet.Of("cluster", "eu"),
                Pull = new PullMemory { CursorMs = NoonMs, Mode = PullMode.RemoteRead }.Refusing(
                    PullMode.Range,
                    "no",
                    1
                ),
            },
            Gaps = Gaps,
            Job = "eu",
            Urls = ["http://a:9090/federate"],
            Interval = "15s",
            Config = new SourceConfig { Pull = PullMode.Auto },
            IsFederate = true,
        };
        Assert.Equal(
            "{\"sources\":[{\"source\":\"eu/a:9090/0\",\"scrapePool\":\"eu\",\"targets\":[\"http://a:9090/federate\"],"
                + "\"scrapeInterval\":\"15s\",\"watermark\":\"2026-09-21T14:17:20Z\",\"completeUntil\":\"2026-09-21T14:18:20Z\","
                + "\"lastTick\":\"2026-09-21T14:20:00Z\",\"lastVerdict\":\"partial\",\"lastError\":\"cut\","
                + "\"constantLabels\":{\"cluster\":\"eu\"},\"pull\":{\"configured\":\"auto\",\"mode\":\"remote_read\","
                + "\"cursor\":\"2026-09-21T14:13:20Z\",\"refused\":{\"range\":\"no\"}},\"split\":{\"configured\":\"auto\",\"parts\":1},"
                + "\"replica\":\"\",\"openGaps\":1}],\"problems\":[\"bad row\"]}",
            Json(json => SourceStatus.Write(json, [status], ["bad row"]))
        );
    }

    [Fact]
    public void Gaps_AreWrittenByTime() =>
        Assert.Equal(
            """{"gaps":["""
                + """{"source":"eu/a:9090/0","from":"2026-09-21T14:13:20Z","to":"2026-09-21T14:14:20Z","state":"filled","reason":"nobody collected then"},"""
                + """{"source":"eu/a:9090/0","from":"2026-09-21T14:15:20Z","to":"2026-09-21T14:16:20.5Z","state":"givenUp","reason":"refused","note":"too old"},"""
                + """{"source":"eu/a:9090/0","from":"2026-09-21T14:17:20Z","to":"2026-09-21T14:18:20Z","state":"open","reason":"refused"}"""
                + """],"dropped":{"eu/a:9090/0":7},"problems":[]}""",
            Json(new GapsStatus([Gaps], []).Write)
        );

    [Fact]
    public void Text_IsATable() =>
        Assert.Equal(
            """
            SOURCE       FROM                  TO                    LENGTH      STATE     REASON
            eu/a:9090/0  2026-09-21T14:13:20Z  2026-09-21T14:14:20Z  1m          filled    nobody collected then
            eu/a:9090/0  2026-09-21T14:15:20Z  2026-09-21T14:16:20Z  1m500ms     given up  refused (too old)
            eu/a:9090/0  2026-09-21T14:17:20Z  2026-09-21T14:18:20Z  1m          open      refused
            eu/a:9090/0: 7 older gaps are not listed any more
            1 open, 1 given up, 1 filled
            """,
            string.Join('\n', GapsText.Lines(new GapsStatus([Gaps], [])))
        );

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            write(json);
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
