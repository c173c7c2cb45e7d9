from django.db import models


class Announcement(models.Model):
    text = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.text
