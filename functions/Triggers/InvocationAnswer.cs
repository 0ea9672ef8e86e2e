using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.Hosting;

namespace Tributary.Functions.Triggers;

/// <summary>Answers an invocation so that the host ends it.</summary>
/// <remarks>
/// An empty answer, or one that is no JSON object, leaves the invocation open until its time is up; then the host kills this
/// process. So every answer has an object, and says that it is JSON.
/// </remarks>
internal static class InvocationAnswer
{
    /// <summary>The invocation has done its work.</summary>
    /// <param name="context">The invocation.</param>
    /// <param name="log">A line for the log of the function.</param>
    public static Task SucceedAsync(HttpContext context, string log) =>
        SendAsync(context, StatusCodes.Status200OK, log);

    /// <summary>The invocation has failed; its status is all that the host looks at.</summary>
    public static Task FailAsync(HttpContext context, string log) =>
        SendAsync(context, StatusCodes.Status500InternalServerError, log);

    private static async Task SendAsync(HttpContext context, int status, string log)
    {
        var body = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("Outputs"u8);
            json.WriteEndObject();
            json.WriteStartArray("Logs"u8);
            json.WriteStringValue(log);
            json.WriteEndArray();
            json.WriteNull("ReturnValue"u8);
            json.WriteEndObject();
        }
        await ResponseBody.SendAsync(context, status, "application/json", body.WrittenMemory);
    }
}
