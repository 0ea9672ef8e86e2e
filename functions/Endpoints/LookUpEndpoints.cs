using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Exposition;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/series</c>, <c>/api/v1/labels</c> and <c>/api/v1/label/NAME/values</c>: what there is, without samples.</summary>
internal static class LookUpEndpoints
{
    private const string ValuesPrefix = "/api/v1/label/";
    private const string ValuesSuffix = "/values";

    /// <summary>JSON is not put into pages here, so that only what JSON itself needs is escaped.</summary>
    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static async Task SeriesAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        if (form.IsWithoutSelectors)
        {
            throw new BadRequestException("no match[] parameter provided");
        }
        var (limit, range, selectors) = (form.Limit(), form.Range(), form.Selectors(namesParameter: true));
        var found = await state.Series(selectors, range, limit, context.RequestAborted);
        await SendAsync(context, LookUpJson.Of(found));
    }

    public static async Task LabelsAsync(HttpContext context, ServerState state)
    {
        var form = await ApiForm.ReadAsync(context, state);
        var (limit, range, selectors) = (form.Limit(), form.Range(), form.Selectors(namesParameter: false));
        var found = await state.LabelNames(selectors, range, limit, context.RequestAborted);
        await SendAsync(context, LookUpJson.Of(found));
    }

    public static async Task LabelValuesAsync(HttpContext context, ServerState state)
    {
        var name = EscapedNames.Unescape(NameOf(context.Request.Path.Value ?? ""));
        if (name.Length == 0)
        {
            throw new BadRequestException("invalid label name: \"\"");
        }
        var form = await ApiForm.ReadAsync(context, state);
        var (limit, range, selectors) = (form.Limit(), form.Range(), form.Selectors(namesParameter: false));
        var found = await state.LabelValues(name, selectors, range, limit, context.RequestAborted);
        await SendAsync(context, LookUpJson.Of(found));
    }

    /// <summary>Whether a path is that of a label's values.</summary>
    public static bool IsLabelValues(string path) =>
        path.Length >= ValuesPrefix.Length + ValuesSuffix.Length
        && path.StartsWith(ValuesPrefix, StringComparison.Ordinal)
        && path.EndsWith(ValuesSuffix, StringComparison.Ordinal)
        && !path.AsSpan(ValuesPrefix.Length, path.Length - ValuesPrefix.Length - ValuesSuffix.Length).Contains('/');

    /// <summary>
    /// The label's name in a path. A slash in it stays encoded when a path is decoded; behind the Functions host it was
    /// encoded twice, and is the same by now.
    /// </summary>
    private static string NameOf(string path) =>
        path[ValuesPrefix.Length..^ValuesSuffix.Length].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static async Task SendAsync<T>(HttpContext context, LookUpJson<T> answer)
    {
        context.Response.ContentType = "application/json";
        using var body = ResponseBody.Begin(context);
        await using var json = new Utf8JsonWriter(body, Writing);
        while (answer.WritePiece(json))
        {
            await json.FlushAsync(context.RequestAborted);
            await body.FlushAsync(answer.IsEnded, context.RequestAborted);
        }
    }
}
