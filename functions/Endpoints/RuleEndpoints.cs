using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/rules</c>, <c>/api/v1/alerts</c> and <c>/api/v1/alertmanagers</c>.</summary>
internal static class RuleEndpoints
{
    public static async Task RulesAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var selectors = form.Selectors(namesParameter: false);
        var type = ApiAnswer.Parameter(context, "type");
        var isAlert = Is(type, "alert");
        var isRecord = Is(type, "record");
        if (type.Length > 0 && !isAlert && !isRecord)
        {
            throw new BadRequestException(
                $"invalid parameter \"type\": not supported value \"{ApiForm.Shortened(type)}\""
            );
        }
        var excludes = ReadExclude(context);
        var (limit, token) = ReadPaging(context);
        var query = new RulesQuery
        {
            HasAlerting = !isRecord,
            HasRecording = !isAlert,
            ExcludesAlerts = excludes,
            Names = form.Texts("rule_name[]"),
            Groups = form.Texts("rule_group[]"),
            Files = form.Texts("file[]"),
            Selectors = selectors,
            GroupLimit = limit,
            NextToken = token,
        };
        await state.RefreshRules(context.RequestAborted);
        await ApiAnswer.SendDataAsync(context, json => RulesJson.Write(json, state.Rules(), query));
    }

    public static async Task AlertsAsync(HttpContext context, ServerState state)
    {
        await state.RefreshRules(context.RequestAborted);
        await ApiAnswer.SendDataAsync(context, json => RulesJson.WriteAlerts(json, state.Rules()));
    }

    public static Task AlertmanagersAsync(HttpContext context, ServerState state) =>
        ApiAnswer.SendDataAsync(context, json => RulesJson.WriteAlertmanagers(json, state.Alertmanagers()));

    private static bool ReadExclude(HttpContext context)
    {
        var text = ApiAnswer.Parameter(context, "exclude_alerts");
        if (text.Length == 0 || Is(text, "false", "f", "0"))
        {
            return false;
        }
        return Is(text, "true", "t", "1")
            ? true
            : throw new BadRequestException(
                "invalid parameter \"exclude_alerts\": error converting exclude_alerts: "
                    + $"\"{ApiForm.Shortened(text)}\" is neither true nor false"
            );
    }

    /// <returns>The most groups, 0 without a limit, and where they begin.</returns>
    private static (int Limit, string Token) ReadPaging(HttpContext context)
    {
        var token = ApiAnswer.Parameter(context, "group_next_token");
        if (ApiAnswer.Parameter(context, "group_limit").Length == 0)
        {
            return token.Length == 0
                ? (0, "")
                : throw new BadRequestException(
                    "invalid parameter \"group_next_token\": group_limit needs to be present in order to paginate over the groups"
                );
        }
        var limit = ReadLimit(context);
        return limit > 0
            ? (limit, token)
            : throw new BadRequestException(
                "invalid parameter \"group_limit\": group_limit needs to be greater than 0"
            );
    }

    private static int ReadLimit(HttpContext context)
    {
        try
        {
            return ApiAnswer.Limit(context, "group_limit");
        }
        catch (BadRequestException exception)
        {
            throw new BadRequestException(
                "invalid parameter \"group_limit\": group_limit needs to be a valid number",
                exception
            );
        }
    }

    private static bool Is(string text, params ReadOnlySpan<string> values)
    {
        foreach (var value in values)
        {
            if (text.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
