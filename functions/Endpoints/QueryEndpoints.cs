using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/query</c> and <c>/api/v1/query_range</c>.</summary>
internal static class QueryEndpoints
{
    private const string StatisticsOn = "true";
    private const string StatisticsBySteps = "all";

    public static async Task InstantAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var limit = form.Limit();
        var timeMs = TimeParameter.Parse("time", form.Text("time"), state.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var options = Options(form, limit);
        var result = await AskAsync(() =>
            state.Queries().InstantAsync(form.Text("query"), timeMs, options, context.RequestAborted)
        );
        await SendAsync(context, form, result);
    }

    public static async Task RangeAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var limit = form.Limit();
        var startMs = Time(form, "start");
        var endMs = Time(form, "end");
        if (endMs < startMs)
        {
            throw Invalid("end", "end timestamp must not be before start time");
        }
        var step = Duration(form, "step");
        var stepMs = (long)step.TotalMilliseconds;
        if (stepMs <= 0)
        {
            throw Invalid(
                "step",
                step > TimeSpan.Zero
                    ? "query resolution step widths below a millisecond are not accepted"
                    : "zero or negative query resolution step widths are not accepted. Try a positive integer"
            );
        }
        var options = Options(form, limit);
        var result = await AskAsync(() =>
            state.Queries().RangeAsync(form.Text("query"), startMs, endMs, stepMs, options, context.RequestAborted)
        );
        await SendAsync(context, form, result);
    }

    /// <summary>The error of a query that does not parse, as Prometheus has it.</summary>
    public static BadRequestException NoQuery(ParseException exception) =>
        new($"invalid parameter \"query\": {exception.Message}", exception);

    private static async Task<QueryResult> AskAsync(Func<Task<QueryResult>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ParseException exception)
        {
            throw NoQuery(exception);
        }
    }

    private static async Task SendAsync(HttpContext context, ApiForm form, QueryResult result)
    {
        var statistics = form.Text("stats");
        IReadOnlyList<string> warnings = statistics is "" or StatisticsOn or StatisticsBySteps
            ? []
            :
            [
                $"value \"{ApiForm.Shortened(statistics)}\" for parameter \"stats\" is deprecated and will be rejected in "
                    + $"the next major release, use \"{StatisticsOn}\" or \"{StatisticsBySteps}\"",
            ];
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        using var body = ResponseBody.Begin(context);
        var answer = new QueryJson(result, statistics.Length > 0, warnings);
        foreach (var piece in answer.Pieces())
        {
            body.Write(piece.Span);
            await body.FlushAsync(answer.IsEnded, context.RequestAborted);
        }
    }

    private static QueryOptions Options(ApiForm form, int limit)
    {
        var timeout = form.Text("timeout").Length > 0 ? Duration(form, "timeout") : (TimeSpan?)null;
        TimeSpan? lookback = null;
        if (form.Text("lookback_delta") is { Length: > 0 } text)
        {
            try
            {
                lookback = DurationParameter.Parse(text);
            }
            catch (BadRequestException exception)
            {
                throw new BadRequestException($"error parsing lookback delta duration: {exception.Message}", exception);
            }
        }
        var statistics = form.Text("stats");
        return new QueryOptions
        {
            Limit = limit,
            Timeout = timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout,
            LookbackDelta = lookback,
            Statistics = statistics.Length > 0,
            PerStepStatistics = statistics is StatisticsBySteps,
        };
    }

    private static TimeSpan Duration(ApiForm form, string name)
    {
        try
        {
            return DurationParameter.Parse(form.Text(name));
        }
        catch (BadRequestException exception)
        {
            throw Invalid(name, exception.Message, exception);
        }
    }

    private static long Time(ApiForm form, string name)
    {
        var text = form.Text(name);
        return TimeParameter.TryParse(text, out var ms)
            ? ms
            : throw Invalid(name, $"cannot parse \"{ApiForm.Shortened(text)}\" to a valid timestamp");
    }

    private static BadRequestException Invalid(string name, string problem, Exception? cause = null)
    {
        var message = $"invalid parameter \"{name}\": {problem}";
        return cause is null ? new BadRequestException(message) : new BadRequestException(message, cause);
    }
}
