using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Functions;

public sealed class SharedJobsTests
{
    private const string Minutely = "0 * * * * *";

    /// <summary>Noon, and the seconds after it at which Collect is called; at which of these the job is done.</summary>
    public static TheoryData<string, double[], double[]> Calls =>
        new()
        {
            { Minutely, [0, 60, 120], [0, 60, 120] },
            { Minutely, [0, 15, 30, 45, 60.2], [0, 60.2] },
            // The host's timer is a little early, and late.
            { Minutely, [-0.4, 59.7, 120.9], [-0.4, 59.7, 120.9] },
            { "0 */5 * * * *", [0, 60, 120, 180, 240, 300], [0, 300] },
            // A process that begins between two times leaves the one before to who was there.
            { "0 */5 * * * *", [90, 150, 299.8], [299.8] },
            // What came due while nobody called is done once.
            { "0 */5 * * * *", [0, 1_000, 1_060], [0, 1_000] },
            { "30 * * * * *", [0, 60, 120], [0, 60, 120] },
        };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task RunDue_ByTheScheduleOfTheJob(string schedule, double[] calls, double[] expected)
    {
        var noon = new DateTimeOffset(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
        var time = new ManualTime(noon.AddMinutes(-1).ToUnixTimeMilliseconds());
        var done = new List<double>();
        var jobs = new SharedJobs(
            [
                new SharedJob(
                    "Export",
                    CrontabSchedule.Parse(schedule),
                    _ =>
                    {
                        done.Add((time.GetUtcNow() - noon).TotalSeconds);
                        return Task.FromResult(new JobOutcome(HasFailed: false, "done"));
                    }
                ),
            ],
            time
        );
        foreach (var call in calls)
        {
            time.Advance(noon.AddSeconds(call) - time.GetUtcNow());
            var outcomes = await jobs.RunDueAsync(() => TimeSpan.FromMinutes(4));
            Assert.All(outcomes, outcome => Assert.Equal("Export: done", outcome.Text));
        }
        Assert.Equal(expected, done, (one, other) => Math.Abs(one - other) < 0.001);
    }

    [Fact]
    public async Task RunDue_WithoutTimeLeft_DoesNothing()
    {
        var time = new ManualTime(1_700_000_000_000);
        var job = new SharedJob(
            "Export",
            CrontabSchedule.Parse("* * * * * *"),
            _ => throw new InvalidOperationException("not now")
        );
        Assert.Empty(await new SharedJobs([job], time).RunDueAsync(() => TimeSpan.Zero));
    }

    [Theory]
    [InlineData("AzureWebJobs.Evaluate.Disabled", true)]
    [InlineData("AzureWebJobs_Evaluate_Disabled", true)]
    [InlineData("AzureWebJobs_Export_Disabled", false)]
    public void Resolve_AsTheHostReadsIt_TheFunctionIsOff(string variable, bool isDisabled)
    {
        var jobs = SharedJobSetting.Resolve(name =>
            name == SharedJobSetting.Variable ? "Evaluate"
            : name == "TRIBUTARY_EVALUATE_SCHEDULE" ? Minutely
            : name == variable ? "True"
            : null
        );
        Assert.Equal(isDisabled, Assert.Single(jobs).IsDisabled);
    }

    [Theory]
    [InlineData("", "", null, null)]
    [InlineData("Evaluate", "Evaluate", "true", null)]
    [InlineData("export , EVALUATE,export", "Export,Evaluate", "1", null)]
    [InlineData("Evaluate", "Evaluate*", "false", null)]
    [InlineData("Compact", null, null, "'Compact' is no job that Collect can do at its end. Write Evaluate, Export")]
    [InlineData("Export", null, "none", "TRIBUTARY_EXPORT_SCHEDULE, which says when Export is due")]
    public void Resolve_NamesJobsWithTheirSchedules(string names, string? expected, string? disabled, string? error)
    {
        string? Environment(string name) =>
            name == SharedJobSetting.Variable ? names
            : name.EndsWith("_SCHEDULE", StringComparison.Ordinal)
                ? disabled == "none" ? null
                    : Minutely
            : disabled;

        if (error is not null)
        {
            var exception = Assert.Throws<CommandException>(() => SharedJobSetting.Resolve(Environment));
            Assert.Contains(error, exception.Message, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(
            expected,
            string.Join(
                ',',
                SharedJobSetting.Resolve(Environment).Select(job => job.Name + (job.IsDisabled ? "" : "*"))
            )
        );
    }
}
