using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary>
/// <c>/api/v1/rules</c>, <c>/api/v1/alerts</c> and <c>/api/v1/alertmanagers</c>: as a Prometheus without rules answers.
/// </summary>
internal static class RuleEndpoints
{
    public static async Task RulesAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        _ = form.Selectors();
        var type = ApiAnswer.Parameter(context, "type");
        if (type.Length > 0 && !IsOneOf(type, "alert", "record"))
        {
            throw new BadRequestException(
                $"invalid parameter \"type\": not supported value \"{ApiForm.Shortened(type)}\""
            );
        }
        var exclude = ApiAnswer.Parameter(context, "exclude_alerts");
        if (exclude.Length > 0 && !IsOneOf(exclude, "true", "false", "t", "f", "1", "0"))
        {
            throw new BadRequestException(
                "invalid parameter \"exclude_alerts\": error converting exclude_alerts: "
                    + $"\"{ApiForm.Shortened(exclude)}\" is neither true nor false"
            );
        }
        CheckPaging(context);
        await SendEmptyAsync(context, "groups");
    }

    public static Task AlertsAsync(HttpContext context) => SendEmptyAsync(context, "alerts");

    public static Task AlertmanagersAsync(HttpContext context) =>
        SendEmptyAsync(context, "activeAlertmanagers", "droppedAlertmanagers");

    private static void CheckPaging(HttpContext context)
    {
        var limit = ApiAnswer.Parameter(context, "group_limit");
        var token = ApiAnswer.Parameter(context, "group_next_token");
        if (token.Length > 0 && limit.Length == 0)
        {
            throw new BadRequestException(
                "invalid parameter \"group_next_token\": group_limit needs to be present in order to paginate over the groups"
            );
        }
        if (limit.Length == 0)
        {
            return;
        }
        if (ApiAnswer.Limit(context, "group_limit") <= 0)
        {
            throw new BadRequestException("invalid parameter \"group_limit\": group_limit needs to be greater than 0");
        }
        if (token.Length > 0)
        {
            // Tokens name groups, and there are none.
            throw new BadRequestException(
                $"invalid parameter \"group_next_token\": invalid group_next_token '{ApiForm.Shortened(token)}'. "
                    + "were rule groups changed?"
            );
        }
    }

    private static bool IsOneOf(string text, params ReadOnlySpan<string> values)
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

    private static Task SendEmptyAsync(HttpContext context, params string[] lists) =>
        ApiAnswer.SendDataAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                foreach (var list in lists)
                {
                    json.WriteStartArray(list);
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            }
        );
}
