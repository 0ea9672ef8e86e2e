using Microsoft.AspNetCore.Http;
using Tributary.Functions.Serving;

namespace Tributary.Functions.Triggers;

/// <summary><c>Collect</c>: the host's timer.</summary>
/// <param name="collect">Collects what is due.</param>
internal sealed class CollectTrigger(Func<Task<CollectOutcome>> collect)
{
    /// <summary>The name of the function and of its folder.</summary>
    public const string Name = "Collect";

    /// <summary>Unwraps, collects, answers. A host that hangs up ends nothing: the scrapes are under way.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None);
        var call = TimerCall.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        var outcome = await collect();
        var text = call.IsPastDue ? $"{outcome.Text} (called late: the host says past due)" : outcome.Text;
        await (
            outcome.HasFailed ? InvocationAnswer.FailAsync(context, text) : InvocationAnswer.SucceedAsync(context, text)
        );
    }
}
