using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.PromQL.Sources;
using Tributary.Storage.Selection;
using Tributary.Stores;

namespace Tributary.Functions.Endpoints;

/// <summary>The only place that turns errors into status codes.</summary>
internal static class ApiErrors
{
    public const string BadData = "bad_data";
    public const string Timeout = "timeout";
    public const string Unavailable = "unavailable";
    public const string Execution = "execution";
    public const string Canceled = "canceled";
    public const string Internal = "internal";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";

    /// <summary>Status and Prometheus' error type of what an endpoint threw.</summary>
    public static (int Status, string ErrorType) Classify(Exception exception) =>
        exception switch
        {
            BadRequestException => (StatusCodes.Status400BadRequest, BadData),
            BadHttpRequestException bad => (bad.StatusCode, BadData),
            QueryException query => Classify(query.Kind),
            SelectionLimitException => (StatusCodes.Status422UnprocessableEntity, Execution),
            TimeoutException => (StatusCodes.Status503ServiceUnavailable, Timeout),
            StoreException => (StatusCodes.Status503ServiceUnavailable, Unavailable),
            _ => (StatusCodes.Status500InternalServerError, Internal),
        };

    private static (int Status, string ErrorType) Classify(QueryFailure failure) =>
        failure switch
        {
            QueryFailure.BadData => (StatusCodes.Status400BadRequest, BadData),
            QueryFailure.Execution => (StatusCodes.Status422UnprocessableEntity, Execution),
            QueryFailure.Timeout => (StatusCodes.Status503ServiceUnavailable, Timeout),
            QueryFailure.Canceled => (StatusCodes.Status499ClientClosedRequest, Canceled),
            _ => (StatusCodes.Status500InternalServerError, Internal),
        };

    /// <summary>Sends an error: Prometheus' JSON below <c>/api/</c>, else a line of text.</summary>
    public static Task WriteAsync(HttpContext context, int status, string errorType, string message) =>
        context.Request.Path.StartsWithSegments("/api")
            ? ResponseBody.SendAsync(context, status, "application/json", Json(errorType, message))
            : WriteTextAsync(context, status, message);

    /// <summary>Sends an error as a line of text, also below <c>/api/</c>: that of the router, as Prometheus' is.</summary>
    public static Task WriteTextAsync(HttpContext context, int status, string message) =>
        ResponseBody.SendAsync(context, status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(message + "\n"));

    private static ReadOnlyMemory<byte> Json(string errorType, string message)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("status"u8, "error"u8);
        json.WriteString("errorType"u8, errorType);
        json.WriteString("error"u8, message);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
