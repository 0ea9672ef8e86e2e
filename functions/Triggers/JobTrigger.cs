using Microsoft.AspNetCore.Http;
using Tributary.Functions.Serving;

namespace Tributary.Functions.Triggers;

/// <summary>A function that the host's timer calls: unwraps, runs the job, answers.</summary>
/// <param name="job">Does what is due.</param>
internal sealed class JobTrigger(Func<Task<JobOutcome>> job)
{
    /// <summary>The name of the function and of its folder.</summary>
    public const string Collect = "Collect";

    /// <inheritdoc cref="Collect"/>
    public const string Compact = "Compact";

    /// <inheritdoc cref="Collect"/>
    public const string Evaluate = "Evaluate";

    /// <inheritdoc cref="Collect"/>
    public const string Export = "Export";

    /// <summary>A host that hangs up ends nothing: the work is under way.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None);
        var call = TimerCall.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        var outcome = await job();
        var text = call.IsPastDue ? $"{outcome.Text} (called late: the host says past due)" : outcome.Text;
        await (
            outcome.HasFailed ? InvocationAnswer.FailAsync(context, text) : InvocationAnswer.SucceedAsync(context, text)
        );
    }
}
