//! What models were given to do, from CloudWatch. Each metric that is asked for costs money: two for each queue, and two
//! for the account.

use super::account::Account;
use super::cloudwatch::Series;
use crate::domain::queue::name_in;
use crate::domain::trouble::Trouble;
use crate::domain::usage::Span;
use crate::domain::work::{Hourly, Work, Workload};

/// An hour, in seconds. CloudWatch keeps such points for 455 days.
const PERIOD: i32 = 3_600;

fn of_queue(arn: &str, metric: &'static str, statistic: &'static str) -> Series {
    let dimensions = vec![("QueueName", name_in(arn).to_owned())];
    Series { namespace: "AWS/SQS", metric, dimensions, statistic }
}

/// Requests of the whole account: CloudWatch counts them by operation, not by model.
fn of_requests(metric: &'static str) -> Series {
    let dimensions = vec![("Operation", "DetectCustomLabels".to_owned())];
    Series { namespace: "AWS/Rekognition", metric, dimensions, statistic: "Sum" }
}

impl Account {
    /// What the queues with these ARNs had to do in `span`, hour by hour, and what the account's models were asked. The
    /// span is of whole hours, as [`Workload::to_ask`] says it.
    ///
    /// # Errors
    /// Whatever keeps CloudWatch from answering; of a part of it nothing is told then.
    pub async fn work(&self, queues: &[String], span: Span) -> Result<Workload, Trouble> {
        let of_queues = queues.iter().flat_map(|arn| {
            let done = of_queue(arn, "NumberOfMessagesDeleted", "Sum");
            [done, of_queue(arn, "ApproximateNumberOfMessagesVisible", "Maximum")]
        });
        let requests = [of_requests("SuccessfulRequestCount"), of_requests("ThrottledCount")];
        let series: Vec<Series> = requests.into_iter().chain(of_queues).collect();
        if span.from >= span.to {
            return Ok(Workload { asked: Some(span), ..Workload::default() });
        }
        let answers = self.metric_data(&series, span, PERIOD).await?;
        let mut hours = answers.iter().map(|points| Hourly::of(points));
        let mut next = || hours.next().unwrap_or_default();
        let (answered, throttled) = (next(), next());
        let mut work = |arn: &String| (arn.clone(), Work { done: next(), waited: next() });
        Ok(Workload { asked: Some(span), queues: queues.iter().map(&mut work).collect(), answered, throttled })
    }
}
