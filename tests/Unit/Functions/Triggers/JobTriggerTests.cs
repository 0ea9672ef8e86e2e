using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.Serving;
using Tributary.Functions.Triggers;

namespace Tributary.Tests.Unit.Functions.Triggers;

public sealed class JobTriggerTests
{
    private const string Envelope = """
        {"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":true}},"Metadata":{}}
        """;

    /// <summary>The judge knows each row, so that what our answers are compared with is the host's behaviour.</summary>
    [Theory]
    [InlineData(200, "application/json", "{}", HostJudgement.Success)]
    [InlineData(202, "application/json; charset=utf-8", """{"Outputs":null}""", HostJudgement.Success)]
    [InlineData(200, "application/json", "", HostJudgement.Hangs)]
    [InlineData(204, null, "", HostJudgement.Hangs)]
    [InlineData(200, "application/json", "null", HostJudgement.Hangs)]
    [InlineData(200, null, "{}", HostJudgement.Failure)]
    [InlineData(200, "text/plain", "{}", HostJudgement.Failure)]
    [InlineData(404, "application/json", "{}", HostJudgement.Failure)]
    [InlineData(500, "application/json", "{}", HostJudgement.Failure)]
    internal void Judge_RowOfTheTable_IsAsSeen(int status, string? type, string body, HostJudgement expected)
    {
        Assert.Equal(expected, HostJudge.Judge(status, type, body));
    }

    [Theory]
    [InlineData(false, HostJudgement.Success)]
    [InlineData(true, HostJudgement.Failure)]
    internal async Task Handle_Outcome_EndsTheInvocation(bool hasFailed, HostJudgement expected)
    {
        var (status, type, body) = await HandleAsync(Envelope, new JobOutcome(hasFailed, "a \"line\""));
        Assert.Equal(expected, HostJudge.Judge(status, type, body));
        using var json = JsonDocument.Parse(body);
        Assert.Equal(JsonValueKind.Object, json.RootElement.GetProperty("Outputs").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("ReturnValue").ValueKind);
        var line = json.RootElement.GetProperty("Logs").EnumerateArray().Single().GetString();
        Assert.Equal("a \"line\" (called late: the host says past due)", line);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"Data":"x"}""")]
    [InlineData("""{"Data":{"timer":"not json"}}""")]
    [InlineData("""{"Data":{"timer":"\ud800"}}""")]
    [InlineData("""{"Data":{"timer":{"IsPastDue":"\ud800"}}}""")]
    [InlineData("""{"Data":{"timer":{"\ud800":1,"IsPastDue":false}}}""")]
    public async Task Handle_EnvelopeThatIsNotUnderstood_CollectsAllTheSame(string envelope)
    {
        var (status, type, body) = await HandleAsync(envelope, new JobOutcome(HasFailed: false, "done"));
        Assert.Equal(HostJudgement.Success, HostJudge.Judge(status, type, body));
    }

    [Theory]
    [InlineData(Envelope, true)]
    [InlineData(
        """
            {"Data":{"timer":{"Schedule":{"AdjustForDST":true},
              "ScheduleStatus":{"Last":"2026-11-20T08:14:23.4134021+00:00","Next":"2026-11-20T08:15:23.4177408+00:00","LastUpdated":"2026-11-20T08:14:23.4177542+00:00"},
              "IsPastDue":false}},
             "Metadata":{"sys":{"MethodName":"Collect","UtcNow":"2026-11-20T08:15:23.4133128Z","RandGuid":"023b2b2b-8896-4488-9fc1-d468fbdf15cf"}}}
            """,
        false
    )]
    [InlineData("""{"Data":{"t":{"ScheduleStatus":{"Last":"0001-01-01T00:00:00"},"IsPastDue":true}}}""", true)]
    [InlineData("""{"Data":{"timer":{"IsPastDue":"True"}},"Metadata":{"RetryContext":{"RetryCount":1}}}""", true)]
    [InlineData("""{"Data":{"timer":"{\"IsPastDue\":true}"}}""", true)]
    [InlineData("""{"Data":{"timer":"\"{\\\"IsPastDue\\\":true}\""}}""", true)]
    [InlineData("""{"Data":{"timer":"\"\\\"{}\\\"\""}}""", false)]
    [InlineData("""{"Data":{"timer":{"IsPastDue":1}}}""", false)]
    [InlineData("""{"Data":{"timer":null}}""", false)]
    [InlineData("""{"data":{"timer":{"IsPastDue":true}}}""", false)]
    [InlineData("""{"Data":{"timer":{"IsPastDue":true}}} x""", false)]
    [InlineData("", false)]
    public void Parse_Envelope_SaysWhetherItIsLate(string envelope, bool isPastDue)
    {
        Assert.Equal(isPastDue, TimerCall.Parse(Encoding.UTF8.GetBytes(envelope)).IsPastDue);
    }

    private static async Task<(int Status, string? Type, string Body)> HandleAsync(string envelope, JobOutcome outcome)
    {
        var context = new DefaultHttpContext();
        using var request = new MemoryStream(Encoding.UTF8.GetBytes(envelope));
        using var response = new MemoryStream();
        context.Request.Method = "POST";
        context.Request.Body = request;
        context.Response.Body = response;
        await new JobTrigger(() => Task.FromResult(outcome)).HandleAsync(context);
        return (context.Response.StatusCode, context.Response.ContentType, Encoding.UTF8.GetString(response.ToArray()));
    }
}
