using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.PromQL.Syntax;

namespace Tributary.Functions.Endpoints;

/// <summary>What is done with the text of queries: <c>/api/v1/format_query</c>, <c>parse_query</c>, <c>query_exemplars</c>.</summary>
internal static class QueryTextEndpoints
{
    public static async Task FormatAsync(HttpContext context, ServerState state)
    {
        var expression = Parse(await ApiForm.ReadAsync(context, state), state);
        await ApiAnswer.SendDataAsync(context, json => json.WriteStringValue(ExpressionFormatter.Format(expression)));
    }

    public static async Task ParseAsync(HttpContext context, ServerState state)
    {
        var expression = Parse(await ApiForm.ReadAsync(context, state), state);
        await ApiAnswer.SendDataAsync(context, json => ExpressionJson.Write(json, expression));
    }

    /// <summary>
    /// Exemplars are not kept, so that none are found; parameters are checked as by Prometheus, and a query without a
    /// selector answers 204.
    /// </summary>
    public static async Task ExemplarsAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var startMs = TimeParameter.Parse("start", form.Text("start"), long.MinValue / 2);
        var endMs = TimeParameter.Parse("end", form.Text("end"), long.MaxValue / 2);
        if (endMs < startMs)
        {
            throw new BadRequestException("end timestamp must not be before start timestamp");
        }
        Expression expression;
        try
        {
            expression = QueryParser.Parse(form.Text("query"), state.QueryOptions.Syntax);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException(exception.Message, exception);
        }
        if (!HasSelector(expression))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        await ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartArray();
                json.WriteEndArray();
            }
        );
    }

    private static bool HasSelector(Expression expression) =>
        expression is SelectorExpression || expression.Children.Any(HasSelector);

    private static Expression Parse(ApiForm form, ServerState state)
    {
        try
        {
            return QueryParser.Parse(form.Text("query"), state.QueryOptions.Syntax);
        }
        catch (ParseException exception)
        {
            throw QueryEndpoints.NoQuery(exception);
        }
    }
}
