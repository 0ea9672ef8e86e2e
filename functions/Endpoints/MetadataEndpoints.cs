using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/metadata</c> and <c>/api/v1/targets/metadata</c>: types, help texts and units.</summary>
internal static class MetadataEndpoints
{
    public static Task ByFamilyAsync(HttpContext context, ServerState state)
    {
        var limit = ApiAnswer.Limit(context, "limit");
        var limitPerMetric = ApiAnswer.Limit(context, "limit_per_metric");
        var metric = ApiAnswer.Parameter(context, "metric");
        return ApiAnswer.SendDataAsync(
            context,
            json => MetadataJson.WriteByFamily(json, AllOf(state), metric, limit, limitPerMetric)
        );
    }

    public static Task ByTargetAsync(HttpContext context, ServerState state)
    {
        var limit = ApiAnswer.Limit(context, "limit");
        var selector = Selector(ApiAnswer.Parameter(context, "match_target"));
        var metric = ApiAnswer.Parameter(context, "metric");
        return ApiAnswer.SendDataAsync(
            context,
            json => MetadataJson.WriteByTarget(json, state.Metadata(), selector, metric, limit)
        );
    }

    /// <summary>What targets say, and what senders of remote write say.</summary>
    private static IReadOnlyList<TargetMetadata> AllOf(ServerState state) =>
        state.Receive?.Metadata is { Count: > 0 } written
            ? [.. state.Metadata(), new TargetMetadata(LabelSet.Empty, written)]
            : state.Metadata();

    private static VectorSelector? Selector(string text)
    {
        try
        {
            return text.Length == 0 ? null : SelectorParser.ParseAny(text);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException($"invalid parameter \"match_target\": {exception.Message}", exception);
        }
    }
}
