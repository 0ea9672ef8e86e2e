using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.Storage.Selection;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/federate?match[]=SELECTOR</c>: the newest sample of each selected series.</summary>
internal static class FederateEndpoint
{
    /// <summary>The most selectors of a request; one is bounded by the parser, all together by the request line.</summary>
    internal const int MaxSelectors = 1000;

    /// <summary>199: a warning of our own, in the form of RFC 7234.</summary>
    private const string NothingSelected = "199 tributary \"no match[] parameter: nothing is selected\"";

    /// <summary>A header is no place for the texts, which may be long and are not only ASCII.</summary>
    private const string LeftOut =
        "199 tributary \"something damaged is left out: /api/v1/series with the same match[] says what\"";

    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, OPTIONS";
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET is allowed here");
            return;
        }
        var selectors = Selectors(context.Request, state);
        var atMs = TimeParameter.Parse(
            "time",
            ApiAnswer.Parameter(context, "time"),
            state.Time.GetUtcNow().ToUnixTimeMilliseconds()
        );
        var range = new TimeRange(atMs - (long)state.Lookback.TotalMilliseconds, atMs);
        var found = new LookUp<LatestSample>([], []);
        if (selectors.Count == 0)
        {
            context.Response.Headers.Warning = NothingSelected;
        }
        else
        {
            found = await state.SelectLatest(selectors, range, context.RequestAborted);
            if (found.Warnings.Count > 0)
            {
                context.Response.Headers.Append("Warning", LeftOut);
            }
        }
        using var held = found.Items as IDisposable;
        var format = AnswerFormat.ForFederation(context.Request.Headers.Accept);
        context.Response.ContentType = format.ContentType;
        var external = state.ExternalLabels().In(format.Escaping);
        using var body = ResponseBody.Begin(context);
        if (format.IsProtobuf)
        {
            var families = new ProtobufFederationWriter(found.Items, external, Metadata(state));
            while (families.WritePiece(body))
            {
                await body.FlushAsync(families.IsEnded, context.RequestAborted);
            }
            return;
        }
        var writer = new FederationWriter(found.Items, external, Metadata(state));
        while (writer.WritePiece(body))
        {
            await body.FlushAsync(writer.IsEnded, context.RequestAborted);
        }
    }

    private static List<string> Selectors(HttpRequest request, ServerState state)
    {
        var values = request.Query["match[]"].Select(text => text ?? "").ToList();
        if (state.Functions is not null && FunctionsSeam.MayBeJoined(request))
        {
            values = [.. values.SelectMany(JoinedSelectors.Split)];
        }
        return values.Count <= MaxSelectors
            ? values
            : throw new BadRequestException(
                $"{values.Count} match[] parameters; {MaxSelectors} is the most: ask in several requests"
            );
    }

    private static FamilyMetadata? Metadata(ServerState state) =>
        state.Config().Federate.Metadata
            ? new FamilyMetadata(state.Metadata().Select(target => target.Families))
            : null;
}
