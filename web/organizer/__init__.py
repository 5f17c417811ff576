"""The pages of organizers by subject: each folder has its views, forms, texts and templates."""
